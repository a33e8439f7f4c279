// The flags of one chat server. `spillway server` reads them; `spillway up` offers them again as
// `--server-<flag>` and gives them to its children.
#pragma once

#include "base/result.h"
#include "cli/flags.h"
#include "server/options.h"

namespace spillway::cli {

FlagSet server_flags(server::ServerOptions& options);

// What no flag can see alone. `dashes` is what stands before the names of these flags.
Status check_server_options(const server::ServerOptions& options, std::string_view dashes = "--");

// Whether a listener on `host` is reached by other names than this one.
bool is_wildcard_host(const std::string& host);

// Shared with the other commands that know Redis.
Flag redis_flag(std::string& target);
Flag redis_prefix_flag(std::string& target);

}  // namespace spillway::cli
