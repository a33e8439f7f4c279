// Asks a balancer for a server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "base/address.h"
#include "base/result.h"

namespace spillway::cli {

// GET /servers/provision. `on_found` comes once, within 10 s: a ws:// or wss:// URL, or a
// sentence. Nothing needs to be kept meanwhile but `io`.
void find_server(boost::asio::io_context& io, const Address& balancer, const std::string& room,
                 std::function<void(const Result<std::string>&)> on_found);

}  // namespace spillway::cli
