//! What we ask Git itself: its configuration and the repository it runs in. Finds Git
//! without ever searching the current directory (CVE-2020-26233).
