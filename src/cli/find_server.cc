#include "cli/find_server.h"

#include <fmt/core.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>

#include "protocol/json_reader.h"

namespace spillway::cli {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::chrono::seconds kTimeout{10};

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string provision_path(const Address& balancer, const std::string& room) {
  std::string base = balancer.path.substr(0, balancer.path.find('?'));
  while (!base.empty() && base.back() == '/') base.pop_back();
  return fmt::format("{}/servers/provision?room={}", base, percent_encoded(room));
}

// {"id":…,"url":…} or {"error":…}.
Result<std::string> parse_answer(std::string_view body, unsigned status) {
  protocol::JsonReader reader(kAnswerBytesMax);
  const auto json = reader.parse(body);
  if (json && json->is_object()) {
    simdjson::dom::element value;
    if (status == 200 && json->at_key("url").get(value) == simdjson::SUCCESS) {
      const std::string url(protocol::string_of(value).value_or(""));
      if (parse_address(url, {"ws", "wss"})) return url;
    }
    if (status != 200 && json->at_key("error").get(value) == simdjson::SUCCESS) {
      return Error{std::string(protocol::string_of(value).value_or("it refused"))};
    }
  }
  return Error{fmt::format("its answer makes no sense (HTTP {})", status)};
}

// One request. Its pending operation owns it.
class Search : public std::enable_shared_from_this<Search> {
  template <typename Fn>
  auto guarded(Fn fn) {
    return [self = shared_from_this(), fn](const error_code& problem, auto&&... results) {
      if (problem) return self->fail(problem.message());
      fn(results...);
    };
  }

 public:
  Search(boost::asio::io_context& io, Address balancer,
         std::function<void(const Result<std::string>&)> on_found)
      : resolver_(io), stream_(io), balancer_(std::move(balancer)), on_found_(std::move(on_found)) {
    parser_.body_limit(kAnswerBytesMax);
  }

  void start(const std::string& room) {
    request_ = {http::verb::get, provision_path(balancer_, room), 11};
    request_.set(http::field::host, balancer_.authority());
    request_.set(http::field::connection, "close");
    stream_.expires_after(kTimeout);
    resolver_.async_resolve(
        balancer_.host, balancer_.port,
        guarded([this](const tcp::resolver::results_type& endpoints) { connect(endpoints); }));
  }

 private:
  void connect(const tcp::resolver::results_type& endpoints) {
    stream_.async_connect(endpoints, guarded([this](const auto&...) { ask(); }));
  }
  void ask() {
    http::async_write(stream_, request_, guarded([this](const auto&...) { read(); }));
  }
  void read() {
    http::async_read(stream_, buffer_, parser_, guarded([this](const auto&...) {
                       auto found = parse_answer(parser_.get().body(), parser_.get().result_int());
                       if (!found) return fail(found.error().message);
                       on_found_(found);
                     }));
  }
  void fail(const std::string& why) {
    on_found_(Error{
        fmt::format("no server from {}://{} ({})", balancer_.scheme, balancer_.authority(), why)});
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  const Address balancer_;
  std::function<void(const Result<std::string>&)> on_found_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

void find_server(boost::asio::io_context& io, const Address& balancer, const std::string& room,
                 std::function<void(const Result<std::string>&)> on_found) {
  std::make_shared<Search>(io, balancer, std::move(on_found))->start(room);
}

}  // namespace spillway::cli
