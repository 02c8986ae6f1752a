//! The guards: rules of the house that run as tests.
