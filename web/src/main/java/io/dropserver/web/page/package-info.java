/** How everything that the front door says itself looks: one layout, its assets, plain notices. */
@NullMarked
package io.dropserver.web.page;

import org.jspecify.annotations.NullMarked;
