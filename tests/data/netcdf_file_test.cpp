#include "data/netcdf_file.hpp"

#include <cmath>
#include <fstream>
#include <limits>

#include <boost/test/unit_test.hpp>
#include <netcdf.h>

#include "tests/data/netcdf_writer.hpp"

using namespace fulmar::data;
using fulmar::data::test::NetcdfWriter;
using fulmar::data::test::temporary_path;

namespace {

std::shared_ptr<const NetcdfFile> opened(const std::string& path) {
  auto file = NetcdfFile::open(path, "[data] path");
  BOOST_REQUIRE_MESSAGE(file.ok(), (file.ok() ? "" : file.error().message));
  return *file;
}

std::vector<float> read_all(const NetcdfFile& file, const std::string& name) {
  const NetcdfVariable* variable = file.find(name);
  BOOST_REQUIRE(variable != nullptr);
  std::vector<std::size_t> start, count;
  std::size_t size = 1;
  for (const NetcdfDimension& dimension : variable->dimensions) {
    start.push_back(0);
    count.push_back(dimension.length);
    size *= dimension.length;
  }
  std::vector<float> values(size);
  const auto read = file.read(*variable, start, count, values);
  BOOST_REQUIRE_MESSAGE(read.ok(), (read.ok() ? "" : read.error().message));
  return values;
}

/// NaN in `expected` stands for missing.
void check_values(const std::vector<float>& values, const std::vector<float>& expected) {
  BOOST_REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    BOOST_TEST((values[i] == expected[i] || (std::isnan(values[i]) && std::isnan(expected[i]))),
               "value " << i << " is " << values[i] << ", not " << expected[i]);
}

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

BOOST_AUTO_TEST_SUITE(netcdf_file)

BOOST_AUTO_TEST_CASE(every_format_and_numeric_type_reads_as_float) {
  for (const int format : {0, NC_64BIT_OFFSET, NC_NETCDF4}) {
    NetcdfWriter writer("types.nc", format);
    writer.axis("x", "degrees_east", {0, 1, 2});
    std::vector<int> types{NC_BYTE, NC_SHORT, NC_INT, NC_FLOAT, NC_DOUBLE};
    if (format == NC_NETCDF4) types.insert(types.end(), {NC_UBYTE, NC_USHORT, NC_UINT, NC_INT64, NC_UINT64});
    for (const int type : types) writer.variable("v" + std::to_string(type), type, {"x"}, {1, 100, 7});
    const auto file = opened(writer.close());
    for (const int type : types) check_values(read_all(*file, "v" + std::to_string(type)), {1, 100, 7});
  }
}

// NETCDF-1: packed 10 is missing although 10 unpacks to an ordinary value, and an unpacked 10 is not missing.
BOOST_AUTO_TEST_CASE(the_mask_is_taken_before_unpacking) {
  NetcdfWriter writer("packed.nc");
  writer.axis("x", "degrees_east", {0, 1, 2, 3});
  writer.variable("t", NC_SHORT, {"x"}, {10, 20, 4, -7});
  writer.number("t", "scale_factor", NC_DOUBLE, -0.5);
  writer.number("t", "add_offset", NC_DOUBLE, 12);
  writer.number("t", "_FillValue", NC_SHORT, 10);
  writer.number("t", "missing_value", NC_SHORT, -7);
  check_values(read_all(*opened(writer.close()), "t"), {kMissing, 2, 10, kMissing});
}

BOOST_AUTO_TEST_CASE(every_convention_of_a_missing_float_reads_as_nan) {
  NetcdfWriter writer("fills.nc");
  writer.axis("x", "degrees_east", {0, 1, 2, 3, 4, 5});
  writer.variable("t", NC_FLOAT, {"x"}, {-99.9, kNan, -1e34, 1e34, -1e10, 1.5});
  writer.number("t", "missing_value", NC_DOUBLE, -99.9);  // a double: equal only after rounding to float
  writer.number("t", "_FillValue", NC_FLOAT, -1e10);
  writer.variable("u", NC_FLOAT, {"x"}, {NC_FILL_FLOAT, 1e20, 0, -99.9, 1e29, 2});
  writer.number("u", "missing_value", NC_FLOAT, 1e20);
  writer.variable("nan_fill", NC_FLOAT, {"x"}, {kNan, 0, 1, 2, 3, 4});
  writer.number("nan_fill", "_FillValue", NC_FLOAT, kNan);
  const auto file = opened(writer.close());
  check_values(read_all(*file, "t"), {kMissing, kMissing, kMissing, kMissing, kMissing, 1.5f});
  check_values(read_all(*file, "u"), {kMissing, kMissing, 0, -99.9f, 1e29f, 2});
  check_values(read_all(*file, "nan_fill"), {kMissing, 0, 1, 2, 3, 4});
}

BOOST_AUTO_TEST_CASE(what_was_never_written_to_an_integer_is_missing_but_bytes_have_no_default_fill) {
  NetcdfWriter writer("unwritten.nc");
  writer.axis("x", "degrees_east", {0, 1});
  writer.variable("s", NC_SHORT, {"x"}, {NC_FILL_SHORT, 3});
  writer.variable("b", NC_BYTE, {"x"}, {NC_FILL_BYTE, 3});
  const auto file = opened(writer.close());
  check_values(read_all(*file, "s"), {kMissing, 3});
  check_values(read_all(*file, "b"), {NC_FILL_BYTE, 3});
}

BOOST_AUTO_TEST_CASE(a_hyperslab_is_the_part_asked_for) {
  NetcdfWriter writer("slab.nc");
  writer.axis("y", "degrees_north", {0, 1, 2});
  writer.axis("x", "degrees_east", {0, 1, 2});
  writer.variable("t", NC_FLOAT, {"y", "x"}, {0, 1, 2, 10, 11, 12, 20, 21, 22});
  const auto file = opened(writer.close());
  const std::vector<std::size_t> start{1, 1}, count{2, 2};
  std::vector<float> part(4);
  BOOST_REQUIRE(file->read(*file->find("t"), start, count, part).ok());
  check_values(part, {11, 12, 21, 22});
}

BOOST_AUTO_TEST_CASE(a_hyperslab_beyond_the_end_names_file_and_variable) {
  NetcdfWriter writer("beyond.nc");
  writer.axis("x", "degrees_east", {0, 1});
  const auto file = opened(writer.close());
  const std::vector<std::size_t> start{1}, count{2};
  std::vector<float> values(2);
  const auto read = file->read(*file->find("x"), start, count, values);
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST(read.error().message.find(file->path() + ": reading x failed: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_says_what_to_do) {
  const auto missing = NetcdfFile::open("/nowhere/winds.nc", "[data] path");
  BOOST_REQUIRE(!missing.ok());
  BOOST_TEST(missing.error().message ==
             "[data] path = \"/nowhere/winds.nc\": there is no such file; give the path of a NetCDF file");
  const auto sample = NetcdfFile::open("/usr/share/ferret-vis/data/no_such.cdf", "[data] path");
  BOOST_REQUIRE(!sample.ok());
  BOOST_TEST(sample.error().message.find("apt-get install ferret-datasets") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_and_a_file_of_another_format_are_refused) {
  const auto directory = NetcdfFile::open("/usr", "[data] path");
  BOOST_REQUIRE(!directory.ok());
  BOOST_TEST(directory.error().message.find("[data] path = \"/usr\": is not a regular file") == 0u);
  const std::string path = temporary_path("text.nc");
  std::ofstream(path) << "no NetCDF at all";
  const auto text = NetcdfFile::open(path, "[data] path");
  BOOST_REQUIRE(!text.ok());
  BOOST_TEST(text.error().message.find("cannot be opened as NetCDF (") != std::string::npos);
  BOOST_TEST(text.error().message.find("classic, 64-bit offset or NetCDF-4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wrong_variable_name_suggests_the_nearest) {
  NetcdfWriter writer("names.nc");
  writer.axis("y", "degrees_north", {0, 1});
  writer.axis("x", "degrees_east", {0, 1});
  writer.variable("UWND", NC_FLOAT, {"y", "x"}, {0, 1, 2, 3});
  writer.variable("VWND", NC_FLOAT, {"y", "x"}, {0, 1, 2, 3});
  const auto file = opened(writer.close());
  const auto near = file->variable("uwmd", "[data] targets");
  BOOST_REQUIRE(!near.ok());
  BOOST_TEST(near.error().message ==
             "[data] targets = \"uwmd\": " + file->path() + " has no variable of this name; did you mean \"UWND\"?");
  const auto far = file->variable("temperature", "[data] targets");
  BOOST_REQUIRE(!far.ok());
  BOOST_TEST(far.error().message.find("expected one of: UWND, VWND") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
