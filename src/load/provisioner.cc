#include "load/provisioner.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "protocol/provision_answer.h"

namespace spillway::load {
namespace {

namespace http = boost::beast::http;

}  // namespace

struct Provisioner::Reply {
  Reply() {
    parser.body_limit(protocol::kProvisionAnswerBytesMax);
    parser.eager(true);
  }

  http::response_parser<http::string_body> parser;
  boost::beast::flat_buffer input;
};

Provisioner::Provisioner(int epoll, std::uint64_t first_key, Endpoint balancer)
    : epoll_(epoll),
      first_key_(first_key),
      balancer_(std::move(balancer)),
      path_(balancer_.address.below("/servers/provision?room=")),
      lines_(kLines) {}

Provisioner::~Provisioner() = default;

// Our rooms' names need no escapes.
void Provisioner::ask(std::uint32_t viewer, const std::string& room, TimePoint now) {
  if (!asking_.insert(viewer).second) return;
  waiting_.push({viewer, fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\n\r\n", path_, room,
                                     balancer_.address.authority())});
  give_work(now);
}

void Provisioner::give_work(TimePoint now) {
  for (std::size_t i = 0; i < lines_.size() && !waiting_.empty(); ++i) {
    Line& line = lines_[i];
    if (line.question) continue;
    line.question = waiting_.pop();
    line.sent = 0;
    line.since = now;
    line.reply = std::make_unique<Reply>();
    if (line.fd) {
      write(i);
      continue;
    }
    Result<UniqueFd> fd = sources_.connect(balancer_);
    if (!fd) {
      fail(i, fd.error().message);
      continue;
    }
    line.fd = std::move(*fd);
    line.used = false;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = first_key_ + i;
    CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, line.fd.get(), &event) == 0);
  }
}

void Provisioner::on_ready(std::size_t line, TimePoint now) {
  if (lines_[line].fd) write(line);
  if (lines_[line].fd) read(line);
  give_work(now);
}

void Provisioner::write(std::size_t index) {
  Line& line = lines_[index];
  while (line.question && line.sent < line.question->request.size()) {
    const std::string& request = line.question->request;
    const ssize_t bytes =
        send(line.fd.get(), request.data() + line.sent, request.size() - line.sent, MSG_NOSIGNAL);
    if (bytes >= 0) {
      line.sent += static_cast<std::size_t>(bytes);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      return fail(index, std::strerror(errno));
    }
  }
}

void Provisioner::read(std::size_t index) {
  Line& line = lines_[index];
  std::array<char, 16 * 1024> input;
  while (line.fd) {
    const ssize_t bytes = recv(line.fd.get(), input.data(), input.size(), 0);
    if (bytes == 0) return fail(index, "it ended the connection");
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes < 0) return fail(index, std::strerror(errno));
    if (!line.question) return fail(index, "it said something unasked");
    const auto size = static_cast<std::size_t>(bytes);
    Reply& reply = *line.reply;
    boost::asio::buffer_copy(reply.input.prepare(size), boost::asio::buffer(input.data(), size));
    reply.input.commit(size);
    boost::system::error_code problem;
    reply.input.consume(reply.parser.put(reply.input.data(), problem));
    if (problem && problem != http::error::need_more) return fail(index, problem.message());
    if (reply.parser.is_done()) finish(index);
  }
}

void Provisioner::finish(std::size_t index) {
  Line& line = lines_[index];
  const auto& answer = line.reply->parser.get();
  Result<std::string> url = protocol::parse_provision_answer(answer.result_int(), answer.body());
  if (!url) {
    url = Error{fmt::format("no server from {}://{} ({})", balancer_.address.scheme,
                            balancer_.address.authority(), url.error().message)};
  }
  deliver(line.question->viewer, std::move(url));
  const bool goes_on = line.reply->parser.keep_alive();
  line.question.reset();
  line.reply.reset();
  line.used = true;
  if (!goes_on) line.fd.reset();
}

// A connection that was idle may have been ended as we asked: then it is asked again.
void Provisioner::fail(std::size_t index, const std::string& why) {
  Line& line = lines_[index];
  line.fd.reset();
  line.reply.reset();
  if (!line.question) return;
  Question question = std::move(*line.question);
  line.question.reset();
  if (std::exchange(line.used, false)) return waiting_.push(std::move(question));
  deliver(question.viewer,
          Error{fmt::format("no server from {}://{} ({})", balancer_.address.scheme,
                            balancer_.address.authority(), why)});
}

void Provisioner::deliver(std::uint32_t viewer, Result<std::string> url) {
  asking_.erase(viewer);
  answers_.push_back({viewer, std::move(url)});
}

void Provisioner::sweep(TimePoint now) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].question && now - lines_[i].since > kTimeout) fail(i, "no answer within 10 s");
  }
  give_work(now);
}

}  // namespace spillway::load
