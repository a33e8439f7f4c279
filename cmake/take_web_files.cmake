# A script, see web_files.cmake: copies PACKED, or NONE where that is not there, to TARGET, and
# leaves a TARGET alone that is the same already.
if(NOT EXISTS ${PACKED})
  set(PACKED ${NONE})
endif()
file(COPY_FILE ${PACKED} ${TARGET} ONLY_IF_DIFFERENT)
