// write_wire_seeds FOLDER: a file for each of the inputs that the fuzzer starts from.
#include <cstdio>
#include <fstream>

#include "tests/fuzz/wire_seeds.hpp"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: write_wire_seeds FOLDER\n", stderr);
    return 2;
  }
  for (const auto& [name, bytes] : fulmar::fuzz::wire_seeds()) {
    std::ofstream file(std::string(arguments[1]) + "/" + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) {
      std::fprintf(stderr, "cannot write %s into %s\n", name.c_str(), arguments[1]);
      return 1;
    }
  }
}
