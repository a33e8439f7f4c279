#include "cli/line_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

namespace spillway::cli {
namespace {

// Asio makes what it reads non-blocking, and that belongs to the open file, which for a terminal
// stdout and the shell share. So a terminal is opened once more.
int own_stdin() {
  if (::isatty(STDIN_FILENO) == 1) {
    const int fd = ::open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) return fd;
  }
  return ::dup(STDIN_FILENO);
}

}  // namespace

LineInput::LineInput(boost::asio::io_context& io, Events events)
    : input_(io), events_(std::move(events)) {
  boost::system::error_code ignored;  // without stdin the first read ends it
  input_.assign(own_stdin(), ignored);
}

void LineInput::resume() {
  if (!reading_ && !ended_) take();
}

void LineInput::read() {
  reading_ = true;
  input_.async_read_some(boost::asio::buffer(buffer_),
                         [this](const boost::system::error_code& problem, std::size_t size) {
                           reading_ = false;
                           if (!problem) {
                             begin_ = 0;
                             end_ = size;
                             return take();
                           }
                           ended_ = true;
                           if (!line_.empty() || too_long_) end_line();  // without its newline
                           events_.on_end();
                         });
}

void LineInput::take() {
  while (begin_ < end_) {
    if (!events_.wants_more()) return;
    const char c = buffer_[begin_++];
    if (c == '\n') {
      end_line();
    } else if (line_.size() < kLineBytesMax) {
      line_ += c;
    } else {
      too_long_ = true;
    }
  }
  if (events_.wants_more() && !reading_) read();
}

void LineInput::end_line() {
  std::string line = std::exchange(line_, {});
  if (std::exchange(too_long_, false)) return events_.on_too_long();
  if (!line.empty() && line.back() == '\r') line.pop_back();
  events_.on_line(std::move(line));
}

}  // namespace spillway::cli
