/** The shell's home page, which lists the appspaces that a person may open. */
@NullMarked
package io.dropserver.web.home;

import org.jspecify.annotations.NullMarked;
