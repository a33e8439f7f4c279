// `spillway echo`: a WebSocket endpoint that says back every text and binary message, through the
// same codec and connection as the chat server, for conformance suites.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/log.h"

namespace spillway::server {

struct EchoOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9001;  // 0: any
  std::size_t message_bytes_max = 32 * 1024 * 1024;
};

// Runs until SIGTERM or SIGINT. Prints `listening ws://host:port` to stdout once it does. Returns
// the exit code.
int run_echo(const EchoOptions& options, Log& log);

}  // namespace spillway::server
