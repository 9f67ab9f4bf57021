// A folder of a test's own, with files of lines in it; gone when the test is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fulmar::report::test {

class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, std::string_view text) const;
  /// A line end after each.
  std::string write_lines(const std::string& name, const std::vector<std::string>& lines) const;

 private:
  std::string path_;
};

}  // namespace fulmar::report::test
