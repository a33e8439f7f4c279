// One GET to a balancer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "base/address.h"
#include "base/result.h"

namespace spillway::cli {

struct HttpGet {
  Address address;   // its path is not looked at
  std::string path;  // with query
  std::size_t body_bytes_max = 64 * 1024;
  std::chrono::seconds timeout{10};
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

// `on_answer` comes once, within the timeout: an answer of whatever status, or a few words on why
// there is none. Nothing needs to be kept meanwhile but `io`.
void http_get(boost::asio::io_context& io, HttpGet request,
              std::function<void(Result<HttpAnswer>)> on_answer);

}  // namespace spillway::cli
