# cmake -D PAGE=web/status.html -D NAME=kStatusTemplate -D OUTPUT=status_template.cpp -P embed_web.cmake
#
# Makes a page that needs no other file, and a C++ constant of it. In PAGE, the comments <!-- style: A.css B.css --> and
# <!-- script: A.js B.js --> stand for <style> and <script> blocks with those files, which lie beside it: a block each.
# Nothing else may be in such a block, or the hashes in the page's security policy would not name it (web_page.hpp).
get_filename_component(folder ${PAGE} DIRECTORY)
get_filename_component(page_name ${PAGE} NAME)
file(READ ${PAGE} page)

function(give_up message)
  message(FATAL_ERROR "${page_name}: ${message}")
endfunction()

foreach(tag style script)
  string(FIND "${page}" "<!-- ${tag}: " begin)
  while(NOT begin EQUAL -1)
    string(SUBSTRING "${page}" ${begin} -1 rest)
    string(FIND "${rest}" " -->" length)
    if(length EQUAL -1)
      give_up("a comment \"<!-- ${tag}:\" has no end; write <!-- ${tag}: FILE FILE -->")
    endif()
    string(SUBSTRING "${rest}" 0 ${length} marker)
    string(REPLACE "<!-- ${tag}: " "" names "${marker}")
    separate_arguments(names)
    set(blocks "")
    foreach(name IN LISTS names)
      if(NOT EXISTS ${folder}/${name})
        give_up("its comment \"${marker} -->\" names ${name}, which is not beside it")
      endif()
      file(READ ${folder}/${name} content)
      string(FIND "${content}" "</${tag}" ending)
      if(NOT ending EQUAL -1)
        give_up("${name} has \"</${tag}\" in it, which would end its block; write \"<\\/${tag}\"")
      endif()
      string(APPEND blocks "<${tag}>\n${content}</${tag}>\n")
    endforeach()
    string(REPLACE "${marker} -->" "${blocks}" page "${page}")
    string(FIND "${page}" "<!-- ${tag}: " begin)
  endwhile()
endforeach()

string(FIND "${page}" "<meta charset=\"utf-8\">" charset)
if(charset EQUAL -1)
  give_up("it has no <meta charset=\"utf-8\">, after which a page's security policy is put")
endif()
string(FIND "${page}" ")~page~\"" ending)
if(NOT ending EQUAL -1)
  give_up("it has )~page~\" in it, which would end the C++ string")
endif()
file(WRITE ${OUTPUT}
  "// Made from web/${page_name} by embed_web.cmake.\n#include \"monitoring/web_templates.hpp\"\n"
  "namespace fulmar::monitoring {\nconst std::string_view ${NAME} = R\"~page~(${page})~page~\";\n}\n")
