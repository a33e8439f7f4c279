#include "balancer/http_server.h"

#include <fmt/core.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <optional>

namespace spillway::balancer {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// One connection: read, answer, again. Each handler takes the connection along and drops it when
// there is nothing more to do.
class HttpServer::Connection {
 public:
  using Self = std::unique_ptr<Connection>;

  Connection(HttpServer& server, tcp::socket socket) : server_(server), stream_(std::move(socket)) {
    ++server_.connections_;
  }
  ~Connection() { --server_.connections_; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static void read(Self self) {
    Connection& here = *self;
    here.parser_.emplace();
    here.parser_->header_limit(kHeadBytesMax);
    here.parser_->body_limit(kBodyBytesMax);
    here.stream_.expires_after(kTimeout);
    http::async_read(here.stream_, here.buffer_, *here.parser_,
                     [self = std::move(self)](const error_code& problem, std::size_t) mutable {
                       if (problem) return refuse(std::move(self), problem);
                       write(std::move(self));
                     });
  }

 private:
  // What cannot be parsed still deserves an answer; a peer that is gone or too slow does not.
  static void refuse(Self self, const error_code& problem) {
    http::status status = http::status::bad_request;
    if (problem == http::error::header_limit) {
      status = http::status::request_header_fields_too_large;
    } else if (problem == http::error::body_limit) {
      status = http::status::payload_too_large;
    } else if (problem.category() != make_error_code(http::error::bad_method).category() ||
               problem == http::error::end_of_stream || problem == http::error::partial_message) {
      return;
    }
    Response response(status, 11);
    response.set(http::field::content_type, "application/json");
    response.body() = R"({"error":"the request could not be read"})";
    response.keep_alive(false);
    send(std::move(self), std::move(response));
  }

  static void write(Self self) {
    const Request& request = self->parser_->get();
    Response response = self->server_.handler_(request);
    response.version(request.version());
    response.keep_alive(request.keep_alive() && !self->server_.stopping_);
    send(std::move(self), std::move(response));
  }

  static void send(Self self, Response response) {
    Connection& here = *self;
    here.response_ = std::move(response);
    // RFC 9110 section 8.6: a 204 has no Content-Length.
    if (here.response_.result() != http::status::no_content) here.response_.prepare_payload();
    if (here.parser_->get().method() == http::verb::head) here.response_.body().clear();
    here.stream_.expires_after(kTimeout);
    http::async_write(here.stream_, here.response_,
                      [self = std::move(self)](const error_code& problem, std::size_t) mutable {
                        if (problem || self->response_.need_eof()) return;
                        read(std::move(self));
                      });
  }

  HttpServer& server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kHeadBytesMax + kBodyBytesMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  Response response_;
};

namespace {

Status open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code problem;
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
  if (!problem) return ok();
  error_code ignored;
  acceptor.close(ignored);
  return Error{problem == asio::error::address_in_use ? std::string() : problem.message()};
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io, Handler handler, Log& log)
    : handler_(std::move(handler)), log_(log), acceptor_(io), retry_(io) {}

HttpServer::~HttpServer() = default;

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
  constexpr unsigned kPortsTried = 100;
  error_code problem;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, problem);
  if (problem) {
    return Error{fmt::format("--host: '{}' is not an address; give one such as 127.0.0.1", host)};
  }
  for (unsigned next = port; next <= 65'535U && next <= port + kPortsTried; ++next) {
    const Status status = open(acceptor_, {address, static_cast<std::uint16_t>(next)});
    if (status) {
      accept();
      return acceptor_.local_endpoint().port();
    }
    if (!status.error().message.empty()) {
      return Error{fmt::format("--port: cannot listen on {} port {} ({}); choose another", host,
                               next, status.error().message)};
    }
  }
  return Error{fmt::format("--port: {} and the {} after it are taken; choose another, or 0", port,
                           kPortsTried)};
}

void HttpServer::stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void HttpServer::accept() {
  acceptor_.async_accept([this](const error_code& problem, tcp::socket socket) {
    if (stopping_ || problem == asio::error::operation_aborted) return;
    if (problem) {
      log_.warn("accept failed", {{"error", problem.message()}});
      retry_.expires_after(std::chrono::milliseconds(100));
      retry_.async_wait([this](const error_code& cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    if (connections_ < kConnectionsMax) {
      Connection::read(std::make_unique<Connection>(*this, std::move(socket)));
    }
    accept();
  });
}

}  // namespace spillway::balancer
