@NullMarked
package io.dropserver.web.site;

import org.jspecify.annotations.NullMarked;
