//! The tree keeps its own rules: which crate may know which, how large things may get, what stays in
//! its room, and under which licences it all is. What fails here names the rule and the place.

mod tidy {
    mod dependencies;
    mod rooms;
    mod signals;
    mod sizes;
    mod source;
}
