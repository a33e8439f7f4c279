#include "websocket/deflate_offer.h"

#include <fmt/format.h>

#include "websocket/header_list.h"

namespace spillway::websocket {

namespace {

constexpr std::string_view kName = "permessage-deflate";

// An offer may name the client's window without a size, an answer may not.
enum class Side { kOffer, kAnswer };

// 8 to 15, without a leading zero.
std::optional<int> parse_window_bits(const std::string& text) {
  if (text.size() == 1 && (text == "8" || text == "9")) return text[0] - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') {
    return 10 + (text[1] - '0');
  }
  return std::nullopt;
}

// Sets one parameter. False: it is unknown, ill-formed or a repetition.
class Parameters {
 public:
  explicit Parameters(Side side) : side_(side) {}

  bool set(const Parameter& parameter) {
    if (equals_ignoring_case(parameter.name, "server_no_context_takeover")) {
      return first(server_takeover_) && flag(parameter, params_.server_no_context_takeover);
    }
    if (equals_ignoring_case(parameter.name, "client_no_context_takeover")) {
      return first(client_takeover_) && flag(parameter, params_.client_no_context_takeover);
    }
    if (equals_ignoring_case(parameter.name, "server_max_window_bits")) {
      return first(params_.server_window_offered) &&
             bits(parameter, params_.server_max_window_bits);
    }
    if (equals_ignoring_case(parameter.name, "client_max_window_bits")) {
      if (!first(client_window_)) return false;
      if (!parameter.value && side_ == Side::kOffer) return true;
      return bits(parameter, params_.client_max_window_bits);
    }
    return false;
  }

  const DeflateParams& params() const { return params_; }

 private:
  static bool first(bool& seen) { return !std::exchange(seen, true); }
  static bool flag(const Parameter& parameter, bool& value) {
    value = true;
    return !parameter.value;
  }
  static bool bits(const Parameter& parameter, int& value) {
    if (!parameter.value) return false;
    const auto parsed = parse_window_bits(*parameter.value);
    value = parsed.value_or(value);
    return parsed.has_value();
  }

  Side side_;
  DeflateParams params_;
  bool server_takeover_ = false;
  bool client_takeover_ = false;
  bool client_window_ = false;
};

std::optional<DeflateParams> parse_parameters(const Extension& extension, Side side) {
  if (!equals_ignoring_case(extension.name, kName)) return std::nullopt;
  Parameters parameters(side);
  for (const Parameter& parameter : extension.parameters) {
    if (!parameters.set(parameter)) return std::nullopt;
  }
  return parameters.params();
}

}  // namespace

std::optional<DeflateParams> negotiate(std::string_view header_values,
                                       const DeflatePolicy& policy) {
  if (!policy.enabled) return std::nullopt;
  const auto offers = parse_extensions(header_values);
  if (!offers) return std::nullopt;
  for (const Extension& offer : *offers) {
    auto params = parse_parameters(offer, Side::kOffer);
    if (!params) continue;
    if (policy.decline_smaller_server_window && params->server_max_window_bits < 15) continue;
    if (policy.force_no_context_takeover) {
      params->server_no_context_takeover = true;
      params->client_no_context_takeover = true;
    }
    return params;
  }
  return std::nullopt;
}

std::string response_value(const DeflateParams& params) {
  std::string value(kName);
  if (params.server_no_context_takeover) value += "; server_no_context_takeover";
  if (params.client_no_context_takeover) value += "; client_no_context_takeover";
  if (params.server_window_offered) {
    value += fmt::format("; server_max_window_bits={}", params.server_max_window_bits);
  }
  // Smaller only if the client named it, which is when the answer may.
  if (params.client_max_window_bits < 15) {
    value += fmt::format("; client_max_window_bits={}", params.client_max_window_bits);
  }
  return value;
}

Result<std::optional<DeflateParams>> parse_response(std::string_view header_values) {
  const auto extensions = parse_extensions(header_values);
  if (extensions && extensions->empty()) return std::optional<DeflateParams>();
  if (extensions && extensions->size() == 1) {
    const auto params = parse_parameters(extensions->front(), Side::kAnswer);
    if (params) return params;
  }
  return Error{"the server agreed to an extension that was not offered to it"};
}

}  // namespace spillway::websocket
