/** An appspace inside a page of the shell: the page, and what the framed documents tell it. */
@NullMarked
package io.dropserver.web.frame;

import org.jspecify.annotations.NullMarked;
