//! The knowledge base: articles, their versions, and where each version is between draft and retirement.
//!
//! What a version says never changes (`article_version` is append-only), because answers cite it. Its state and the time
//! in which it is in force are in a table of their own. `topics` and `districts` are lists with a space before and after
//! each code.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE article (
        code VARCHAR(64) PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        latest_version INTEGER NOT NULL
    )",
    "CREATE TABLE article_version (
        article VARCHAR(64) NOT NULL REFERENCES article (code),
        version INTEGER NOT NULL,
        topics TEXT NOT NULL,
        districts TEXT NOT NULL,
        document TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (article, version)
    )",
    // The version is in force from the first instant until before the second one; both are missing before it is
    // published, and the second one as long as it has no end.
    "CREATE TABLE article_state (
        article VARCHAR(64) NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        state SMALLINT NOT NULL,
        owner_unit VARCHAR(64) REFERENCES unit (code),
        in_force_from BIGINT,
        in_force_until BIGINT,
        review_at BIGINT,
        history TEXT NOT NULL,
        PRIMARY KEY (article, version),
        FOREIGN KEY (article, version) REFERENCES article_version (article, version)
    )",
    "CREATE INDEX article_state_state ON article_state (state, article, version)",
    "CREATE INDEX article_state_owner ON article_state (owner_unit, article, version)",
];
