// Lists in HTTP headers (RFC 9110 section 5.6): tokens, and extensions with parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::websocket {

// ASCII letters of either case are the same.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Whether one element of the comma-separated `list` is `token`, in any case. Other elements need
// not be tokens: Upgrade may name "HTTP/2.0" beside it.
bool list_has(std::string_view list, std::string_view token);

// The elements of a list of tokens; empty ones are skipped. None if one is not a token.
std::optional<std::vector<std::string>> parse_tokens(std::string_view list);

struct Parameter {
  std::string name;
  std::optional<std::string> value;  // without quotes
};

struct Extension {
  std::string name;
  std::vector<Parameter> parameters;
};

// Sec-WebSocket-Extensions by the grammar of RFC 6455 section 9.1, where a quoted value is a
// token too once its quotes are off. None if `list` is not of that form.
std::optional<std::vector<Extension>> parse_extensions(std::string_view list);

}  // namespace spillway::websocket
