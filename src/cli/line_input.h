// Lines of stdin: a terminal, a pipe or a file.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

namespace spillway::cli {

// Owned by its command, on its loop; may be destroyed once that has stopped. Bounded: one line of
// kLineBytesMax; the rest of a longer one is passed over.
class LineInput {
 public:
  static constexpr std::size_t kLineBytesMax = 64 * 1024;

  struct Events {
    std::function<void(std::string line)> on_line;  // without its end
    std::function<void()> on_too_long;
    std::function<void()> on_end;      // once, last
    std::function<bool()> wants_more;  // false: nothing is read until resume()
  };

  LineInput(boost::asio::io_context& io, Events events);

  void start() { read(); }
  // wants_more() may have changed.
  void resume();

 private:
  void read();
  void take();
  void end_line();

  boost::asio::posix::stream_descriptor input_;
  Events events_;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0;  // of what is read and not yet taken
  std::size_t end_ = 0;
  std::string line_;
  bool too_long_ = false;
  bool reading_ = false;
  bool ended_ = false;
};

}  // namespace spillway::cli
