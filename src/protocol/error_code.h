// The codes of `error` messages.
#pragma once

#include <optional>
#include <string_view>

namespace spillway::protocol {

enum class ErrorCode {
  kBadRequest,
  kUnknownType,
  kNotRegistered,
  kMessageTooLong,
  kRateLimited,
  kUnavailable,
  kUnauthorized,
};

std::string_view wire_name(ErrorCode code);
std::optional<ErrorCode> error_code_of(std::string_view wire_name);

}  // namespace spillway::protocol
