//! What is written can be read back, and says what it should.
