#include "net/batch_writer.h"

#include <limits.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace spillway::net {

void SendWriter::write(std::span<WriteJob> jobs) {
  for (WriteJob& job : jobs) {
    msghdr message{};
    message.msg_iov = job.pieces.data();
    message.msg_iovlen = std::min<std::size_t>(job.pieces.size(), IOV_MAX);
    ssize_t taken = 0;
    do {
      taken = ::sendmsg(job.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (taken < 0 && errno == EINTR);
    job.result = taken < 0 ? -errno : taken;
  }
}

}  // namespace spillway::net
