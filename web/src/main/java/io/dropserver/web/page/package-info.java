/** Renders the front door's pages: the common layout, assets, and notices. */
@NullMarked
package io.dropserver.web.page;

import org.jspecify.annotations.NullMarked;
