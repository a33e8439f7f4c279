// What the balancer answers to GET /servers/provision, as its clients read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spillway::protocol {

inline constexpr std::size_t kProvisionAnswerBytesMax = 64 * 1024;

// The server's ws:// or wss:// URL. The Error is the balancer's own sentence, or says that the
// answer makes no sense.
Result<std::string> parse_provision_answer(unsigned http_status, std::string_view body);

}  // namespace spillway::protocol
