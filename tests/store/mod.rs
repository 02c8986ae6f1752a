//! The store suite: what must hold on SQLite and on PostgreSQL alike.
