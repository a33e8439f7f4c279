#include "cli/http_get.h"

#include <fmt/core.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <utility>

#include "base/units.h"

namespace spillway::cli {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;
using OnAnswer = std::function<void(Result<HttpAnswer>)>;

// One request. Its pending operation owns it.
class Get : public std::enable_shared_from_this<Get> {
  template <typename Fn>
  auto guarded(Fn fn) {
    return [self = shared_from_this(), fn](const error_code& problem, auto&&... results) {
      if (problem) return self->fail(problem);
      fn(results...);
    };
  }

 public:
  Get(boost::asio::io_context& io, HttpGet request, OnAnswer on_answer)
      : resolver_(io),
        stream_(io),
        asked_(std::move(request)),
        on_answer_(std::move(on_answer)),
        request_{http::verb::get, asked_.path, 11} {
    parser_.body_limit(asked_.body_bytes_max);
  }

  void start() {
    request_.set(http::field::host, asked_.address.authority());
    request_.set(http::field::connection, "close");
    stream_.expires_after(asked_.timeout);
    resolver_.async_resolve(
        asked_.address.host, asked_.address.port,
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
                       auto& answer = parser_.get();
                       on_answer_(HttpAnswer{answer.result_int(), std::move(answer.body())});
                     }));
  }
  void fail(const error_code& problem) {
    if (problem == http::error::body_limit) {
      return on_answer_(
          Error{fmt::format("its answer is longer than {}", format_size(asked_.body_bytes_max))});
    }
    on_answer_(Error{problem.message()});
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  const HttpGet asked_;
  const OnAnswer on_answer_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

void http_get(boost::asio::io_context& io, HttpGet request, OnAnswer on_answer) {
  std::make_shared<Get>(io, std::move(request), std::move(on_answer))->start();
}

}  // namespace spillway::cli
