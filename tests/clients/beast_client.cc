// An independent client through the whole protocol, by Boost.Beast's own WebSocket stream.
//
// usage: beast_client HOST PORT SUBPROTOCOL|- deflate|plain
// Reads commands from stdin, one a line: `send TEXT`, `expect N` (prints the next N messages, one
// a line), `close CODE` (prints the code that came back), and ends with stdin. Exit 1: something
// went wrong, said on stderr.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

using Stream = websocket::stream<asio::ip::tcp::socket>;

void print_messages(Stream& stream, int count) {
  for (int i = 0; i < count; ++i) {
    beast::flat_buffer buffer;
    stream.read(buffer);
    if (!stream.got_text()) throw std::runtime_error("a message that is not text");
    std::cout << beast::buffers_to_string(buffer.data()) << std::endl;
  }
}

// Reads what is still on its way until the close frame's answer.
void close(Stream& stream, std::uint16_t code) {
  stream.close(websocket::close_reason(code));
  std::cout << stream.reason().code << std::endl;
}

void run(const std::string& host, const std::string& port, const std::string& subprotocol,
         bool deflate) {
  asio::io_context context;
  Stream stream(context);
  websocket::permessage_deflate offer;
  offer.client_enable = deflate;
  offer.msg_size_threshold = 0;
  stream.set_option(offer);
  if (subprotocol != "-") {
    stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, subprotocol);
    }));
  }
  asio::ip::tcp::resolver resolver(context);
  asio::connect(stream.next_layer(), resolver.resolve(host, port));
  stream.handshake(host + ':' + port, "/");
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    int number = 0;
    words >> command >> number;
    if (command == "send") {
      stream.write(asio::buffer(line.substr(5)));
    } else if (command == "expect") {
      print_messages(stream, number);
    } else if (command == "close") {
      close(stream, static_cast<std::uint16_t>(number));
    } else {
      throw std::runtime_error("unknown command: " + line);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: beast_client HOST PORT SUBPROTOCOL|- deflate|plain\n";
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3], std::string(argv[4]) == "deflate");
  } catch (const std::exception& error) {
    std::cerr << "beast_client: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
