#include "cli/find_server.h"

#include <fmt/core.h>

#include <utility>

#include "cli/http_get.h"
#include "protocol/provision_answer.h"

namespace spillway::cli {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

void find_server(boost::asio::io_context& io, const Address& balancer, const std::string& room,
                 std::function<void(const Result<std::string>&)> on_found) {
  HttpGet request;
  request.address = balancer;
  request.path = balancer.below("/servers/provision?room=" + percent_encoded(room));
  request.body_bytes_max = protocol::kProvisionAnswerBytesMax;
  http_get(io, std::move(request),
           [balancer, on_found = std::move(on_found)](const Result<HttpAnswer>& answer) {
             const auto found = answer
                                    ? protocol::parse_provision_answer(answer->status, answer->body)
                                    : Result<std::string>(answer.error());
             if (found) return on_found(found);
             on_found(Error{fmt::format("no server from {}://{} ({})", balancer.scheme,
                                        balancer.authority(), found.error().message)});
           });
}

}  // namespace spillway::cli
