//! What Git drives: `get`, `store` and `erase`.
