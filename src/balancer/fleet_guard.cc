#include "balancer/fleet_guard.h"

#include <boost/asio/ip/address.hpp>
#include <string_view>

#include "websocket/header_list.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using websocket::equals_ignoring_case;

// In a time that tells the length of `secret`, but nothing of what is in it.
bool equals_in_constant_time(std::string_view sent, std::string_view secret) {
  unsigned difference = sent.size() == secret.size() ? 0 : 1;
  for (std::size_t at = 0; at < secret.size(); ++at) {
    const auto byte = static_cast<unsigned char>(at < sent.size() ? sent[at] : 0);
    difference |= byte ^ static_cast<unsigned char>(secret[at]);
  }
  return difference == 0;
}

bool bears(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  return equals_in_constant_time(authorization, token);
}

// Of `name`, `name:port` or `[address]:port`.
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_loopback(std::string_view host) {
  const std::string name(without_port(host));
  if (equals_ignoring_case(name, "localhost")) return true;
  boost::system::error_code problem;
  const auto address = boost::asio::ip::make_address(name, problem);
  return !problem && address.is_loopback();
}

bool is_same_site(std::string_view origin, std::string_view host) {
  const std::size_t scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos &&
         equals_ignoring_case(origin.substr(scheme_end + 3), host);
}

Response forbidden(std::string_view sentence) {
  return error_response(http::status::forbidden, sentence);
}

}  // namespace

std::optional<Response> refuse_change(const Request& request, const RouteOptions& options) {
  if (!options.admin_token.empty()) {
    if (bears(request.authorization, options.admin_token)) return std::nullopt;
    Response response = error_response(http::status::unauthorized,
                                       "send the admin token as Authorization: Bearer <token>");
    response.headers = "WWW-Authenticate: Bearer\r\n";
    return response;
  }
  if (!options.bound_to_loopback) {
    return forbidden(
        "this balancer can be reached from other machines: start it with --admin-token to change "
        "the fleet over HTTP");
  }
  if (!is_loopback(request.host)) {
    return forbidden("ask for localhost or 127.0.0.1, or start the balancer with --admin-token");
  }
  if (!request.origin.empty() && !is_same_site(request.origin, request.host)) {
    return forbidden(
        "pages of another origin may not change the fleet without a token: see --admin-token");
  }
  return std::nullopt;
}

}  // namespace spillway::balancer
