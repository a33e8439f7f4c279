import { mount } from '../shared/mount.tsx';
import { HomePage } from './home_page.tsx';

mount(<HomePage />);
