"""The HTTP and WebSocket interface: everything that screens, programs and the command line need."""
