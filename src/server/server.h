// One chat server: its loops, its hub, and its life from start to drain.
#pragma once

#include "base/log.h"
#include "server/options.h"

namespace spillway::server {

// Runs until a signal, a drain order or a failed start. On success prints exactly one line to
// stdout: `listening <url> id=<uuid>`. Returns the exit code: 0 after a clean stop; 1, with one
// sentence on stderr, when the environment failed it. REQUIRES options as src/cli checks them.
// SIGTERM and SIGINT drain with a limit of 25 s; a second one stops at once.
int run_server(ServerOptions options, Log& log);

}  // namespace spillway::server
