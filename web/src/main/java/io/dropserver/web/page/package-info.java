/** The look of the front door's own pages: one layout, its assets, and plain notices. */
@NullMarked
package io.dropserver.web.page;

import org.jspecify.annotations.NullMarked;
