"""`python -m bot.run.cli.main`: how the supervisor starts its roles."""

from bot.run.cli import main

if __name__ == "__main__":
    main()
