#include "protocol/error_code.h"

#include <array>

#include "base/check.h"

namespace spillway::protocol {
namespace {

constexpr std::array kErrorCodes{
    ErrorCode::kBadRequest,     ErrorCode::kUnknownType, ErrorCode::kNotRegistered,
    ErrorCode::kMessageTooLong, ErrorCode::kRateLimited, ErrorCode::kUnavailable,
    ErrorCode::kUnauthorized,
};

}  // namespace

std::string_view wire_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadRequest:
      return "bad_request";
    case ErrorCode::kUnknownType:
      return "unknown_type";
    case ErrorCode::kNotRegistered:
      return "not_registered";
    case ErrorCode::kMessageTooLong:
      return "message_too_long";
    case ErrorCode::kRateLimited:
      return "rate_limited";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kUnauthorized:
      return "unauthorized";
  }
  CHECK(false);
  return {};
}

std::optional<ErrorCode> error_code_of(std::string_view name) {
  for (const ErrorCode code : kErrorCodes) {
    if (wire_name(code) == name) return code;
  }
  return std::nullopt;
}

}  // namespace spillway::protocol
