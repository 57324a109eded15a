//! The report, as a reader takes it.

/// The page.
pub struct Report {
    pub text: String,
}

impl Report {
    pub fn of(text: String) -> Self {
        Self { text }
    }

    /// The rows: id, result, what came.
    pub fn rows(&self) -> Vec<(&str, &str, &str)> {
        let lines = self.text.lines().filter(|line| line.starts_with("| "));
        let cells = lines.map(|line| line.split(" | ").collect::<Vec<_>>());
        cells
            .filter(|cells| cells.len() == 5 && cells[0] != "| id")
            .map(|cells| {
                let id = cells[0].trim_start_matches("| ");
                (id, cells[3], cells[4].trim_end_matches(" |"))
            })
            .collect()
    }

    /// The result of a row.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn result(&self, id: &str) -> &str {
        let rows = self.rows();
        let row = rows.iter().find(|row| row.0 == id);
        row.unwrap_or_else(|| panic!("no {id}: {}", self.text)).1
    }

    /// The ids of rows whose result begins so.
    pub fn with(&self, beginning: &str) -> Vec<&str> {
        let rows = self.rows().into_iter();
        rows.filter(|row| row.1.starts_with(beginning))
            .map(|row| row.0)
            .collect()
    }

    /// How many requests it says were sent.
    pub fn requests(&self) -> usize {
        let line = self
            .text
            .lines()
            .find_map(|it| it.strip_prefix("- requests: "));
        let number = line.and_then(|line| line.split(' ').next());
        number
            .and_then(|it| it.parse().ok())
            .expect("a number of requests")
    }

    /// # Panics
    /// If one of these stands in it, in whatever case.
    #[track_caller]
    pub fn has_none_of(&self, words: &[&str]) {
        let text = self.text.to_lowercase();
        for word in words {
            assert!(
                !text.contains(&word.to_lowercase()),
                "{word}: {}",
                self.text
            );
        }
    }

    /// # Panics
    /// If any part of a secret stands in it, beyond what secrets of its kind have in common.
    #[track_caller]
    pub fn has_nothing_of(&self, secret: &str) {
        const PART: usize = 12;
        for from in 0..=secret.len().saturating_sub(PART) {
            let part = &secret[from..secret.len().min(from + PART)];
            assert!(!self.text.contains(part), "{part}: {}", self.text);
        }
    }
}
