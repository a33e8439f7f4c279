// The web pages and their files, over HTTP.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "balancer/http_message.h"
#include "balancer/web_file.h"

namespace spillway::balancer {

struct WebOptions {
  std::span<const WebFile> files;  // empty: the answer to a page says how to build them
  std::string frame_origin;        // whose pages may show the chat in a frame; empty: only ours
};

// The answer where a page or one of its files is asked for; none: it is a call of the API. Names
// are looked up in `files` as they were sent; no path leads anywhere else.
std::optional<Response> answer_page(const Request& request, const WebOptions& options);

}  // namespace spillway::balancer
