// The one entry: its imports are single instances, so that all share one registry of keys.
import "./dialogs.js";
import "./fill.js";
import "./keys.js";
import "./live.js";
import "./palette.js";
import "./passkeys.js";
import "./places.js";
import "./rows.js";
import "./staying.js";
import "./toasts.js";
import "./upload.js";
