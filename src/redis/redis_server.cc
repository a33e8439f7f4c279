#include "redis/redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "base/unique_fd.h"

namespace spillway::redis {

RedisServer::RedisServer(std::vector<std::string> arguments, Mode mode)
    : arguments_(std::move(arguments)), mode_(mode) {
  std::string pattern = (std::filesystem::temp_directory_path() / "spillway-XXXXXX").string();
  CHECK(::mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RedisServer::start() {
  CHECK(child_ < 0);
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    "0",
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "no",
                                    "--dir",
                                    directory_,
                                    "--unixsocket",
                                    directory_ + "/redis.sock"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  if (mode_ == Mode::kSentinel) {  // it wants a file that it can write
    const std::string file = directory_ + "/sentinel.conf";
    const UniqueFd made(::open(file.c_str(), O_CREAT | O_WRONLY, 0600));
    words.insert(words.begin() + 1, file);
    words.emplace_back("--sentinel");
  }
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const UniqueFd log(::open((directory_ + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600));
  const pid_t parent = ::getpid();
  child_ = ::fork();
  CHECK(child_ >= 0);
  if (child_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::dup2(log.get(), STDOUT_FILENO);
  ::dup2(log.get(), STDERR_FILENO);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

void RedisServer::kill() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  child_ = -1;
}

std::uint16_t free_port() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  CHECK(::bind(socket.get(), generic, size) == 0);
  CHECK(::getsockname(socket.get(), generic, &size) == 0);
  return ntohs(address.sin_port);
}

}  // namespace spillway::redis
