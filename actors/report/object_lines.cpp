#include "actors/report/object_lines.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

namespace fulmar::report {
namespace {

bool looks_whole(std::string_view line) {
  return line.size() <= kLineBytesMax && line.front() == '{' && line.back() == '}';
}

}  // namespace

Result<std::uint64_t> for_each_object(const std::string& path, const std::function<bool(std::string_view)>& take) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"cannot read " + path + ": check that it is a file, and that you may read it"};
  std::uint64_t skipped = 0;
  const auto give = [&](std::string_view line) {
    if (!line.empty() && !(looks_whole(line) && take(line))) ++skipped;
  };
  std::vector<char> chunk(std::size_t{1} << 18);
  std::string unfinished;  // the beginning of a line that goes on in the next chunk, as far as it matters
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    std::string_view rest(chunk.data(), static_cast<std::size_t>(file.gcount()));
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (unfinished.empty()) {
        give(rest.substr(0, end));
      } else {
        give(unfinished.append(rest.substr(0, end)));
        unfinished.clear();
      }
      rest.remove_prefix(end + 1);
    }
    unfinished.append(rest.substr(0, kLineBytesMax + 1 - std::min(unfinished.size(), kLineBytesMax + 1)));
  }
  give(unfinished);
  return skipped;
}

}  // namespace fulmar::report
