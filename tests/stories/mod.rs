//! Stories: what people do with the hotline, told through the SDK against a real server.
