//! The API's actions, one file each, and the registry that makes them reachable.
