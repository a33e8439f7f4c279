// An independent client, by Boost.Beast's own WebSocket stream.
//
// usage: beast_client HOST PORT SUBPROTOCOL|- deflate|plain
// Prints every message that comes, one a line, and sends what it reads from stdin, one message a
// line. At the end of stdin it closes with 1000 and prints `closed CODE`, with the code that came
// back. Exit 1: something went wrong, said on stderr.
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <exception>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

class Client {
 public:
  Client(const std::string& host, const std::string& port, const std::string& subprotocol,
         bool deflate)
      : stream_(context_), input_(context_, ::dup(STDIN_FILENO)) {
    websocket::permessage_deflate offer;
    offer.client_enable = deflate;
    offer.msg_size_threshold = 0;
    stream_.set_option(offer);
    if (subprotocol != "-") {
      stream_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
        request.set(beast::http::field::sec_websocket_protocol, subprotocol);
      }));
    }
    asio::ip::tcp::resolver resolver(context_);
    asio::connect(stream_.next_layer(), resolver.resolve(host, port));
    stream_.handshake(host + ':' + port, "/");
  }

  void run() {
    read();
    send_lines();
    context_.run();
  }

 private:
  void read() {
    stream_.async_read(heard_, [this](const error_code& error, std::size_t) {
      if (closing_) return;
      if (error == websocket::error::closed) return closed();
      if (error) throw beast::system_error(error);
      if (!stream_.got_text()) throw std::runtime_error("a message that is not text");
      std::cout << beast::buffers_to_string(heard_.data()) << std::endl;
      heard_.clear();
      read();
    });
  }

  void send_lines() {
    asio::async_read_until(
        input_, asio::dynamic_buffer(typed_), '\n', [this](const error_code& error, std::size_t n) {
          if (error == asio::error::operation_aborted) return;
          if (error) {
            closing_ = true;
            return stream_.async_close(websocket::close_code::normal, [this](const error_code& e) {
              if (e) throw beast::system_error(e);
              closed();
            });
          }
          stream_.write(asio::buffer(typed_.data(), n - 1));
          typed_.erase(0, n);
          send_lines();
        });
  }

  void closed() {
    std::cout << "closed " << stream_.reason().code << std::endl;
    input_.close();
  }

  asio::io_context context_;
  websocket::stream<asio::ip::tcp::socket> stream_;
  asio::posix::stream_descriptor input_;
  beast::flat_buffer heard_;
  std::string typed_;
  bool closing_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: beast_client HOST PORT SUBPROTOCOL|- deflate|plain\n";
    return 2;
  }
  try {
    Client(argv[1], argv[2], argv[3], std::string(argv[4]) == "deflate").run();
  } catch (const std::exception& error) {
    std::cerr << "beast_client: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
