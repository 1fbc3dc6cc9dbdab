// The token of a set-up link stands behind "#", which browsers keep to themselves; it goes into the form.
"use strict";
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = token;
  document.getElementById("token-field").hidden = true;
}
